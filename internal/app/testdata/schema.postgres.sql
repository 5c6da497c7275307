audit_entry.id bigint NOT NULL IDENTITY
audit_entry.at bigint NOT NULL
audit_entry.actor text NOT NULL
audit_entry.action text NOT NULL
audit_entry.scope text NOT NULL
audit_entry.object text NOT NULL
audit_entry.about text NOT NULL
audit_entry.secret boolean NOT NULL
audit_entry.marks text NOT NULL
audit_entry.digest text NOT NULL
audit_entry.seal bigint
audit_entry.chain text
audit_head.id bigint NOT NULL
audit_head.seal bigint NOT NULL
audit_head.hash text NOT NULL
audit_value.entry bigint NOT NULL
audit_value.address text NOT NULL
audit_value.content text NOT NULL
billing_card_event.id text NOT NULL
billing_card_event.kind text NOT NULL
billing_card_event.object text NOT NULL
billing_card_event.intent text NOT NULL
billing_card_event.amount bigint NOT NULL
billing_card_event.state text NOT NULL
billing_card_event.note text NOT NULL
billing_card_event.received_at bigint NOT NULL
billing_checkout.id bigint NOT NULL IDENTITY
billing_checkout.ref text NOT NULL
billing_checkout.order_id bigint NOT NULL
billing_checkout.amount bigint NOT NULL
billing_checkout.state text NOT NULL
billing_checkout.session text NOT NULL
billing_checkout.url text NOT NULL
billing_checkout.intent text NOT NULL
billing_checkout.note text NOT NULL
billing_checkout.made_at bigint NOT NULL
billing_checkout.settled_at bigint NOT NULL
billing_deposit.id bigint NOT NULL IDENTITY
billing_deposit.ref text NOT NULL
billing_deposit.meeting_id bigint NOT NULL
billing_deposit.seller_id bigint NOT NULL
billing_deposit.print text NOT NULL
billing_deposit.day text NOT NULL
billing_deposit.amount bigint NOT NULL
billing_deposit.payer text NOT NULL
billing_deposit.folded text NOT NULL
billing_deposit.reference text NOT NULL
billing_deposit.state text NOT NULL
billing_deposit.note text NOT NULL
billing_deposit.version integer NOT NULL
billing_deposit.decided_by text NOT NULL
billing_deposit.decided_at bigint NOT NULL
billing_deposit.loaded_by text NOT NULL
billing_deposit.loaded_at bigint NOT NULL
billing_deposit_part.deposit_id bigint NOT NULL
billing_deposit_part.order_id bigint NOT NULL
billing_deposit_part.payment text NOT NULL
billing_deposit_part.amount bigint NOT NULL
billing_document.id bigint NOT NULL IDENTITY
billing_document.ref text NOT NULL
billing_document.order_id bigint NOT NULL
billing_document.seller_id bigint NOT NULL
billing_document.kind text NOT NULL
billing_document.year integer NOT NULL
billing_document.seq integer NOT NULL
billing_document.edition integer NOT NULL
billing_document.number text NOT NULL
billing_document.lang text NOT NULL
billing_document.counts integer NOT NULL
billing_document.total bigint NOT NULL
billing_document.tax bigint NOT NULL
billing_document.content text NOT NULL
billing_document.issued_at bigint NOT NULL
billing_document.issued_by text NOT NULL
billing_key.id bigint NOT NULL IDENTITY
billing_key.secret text NOT NULL
billing_key.made_at bigint NOT NULL
billing_line.id bigint NOT NULL IDENTITY
billing_line.order_id bigint NOT NULL
billing_line.subject text NOT NULL
billing_line.key text NOT NULL
billing_line.position integer NOT NULL
billing_line.name_ja text NOT NULL
billing_line.name_en text NOT NULL
billing_line.amount bigint NOT NULL
billing_line.rate integer NOT NULL
billing_line.quantity integer NOT NULL
billing_line.payer text NOT NULL
billing_number.seller_id bigint NOT NULL
billing_number.kind text NOT NULL
billing_number.year integer NOT NULL
billing_number.last integer NOT NULL
billing_order.id bigint NOT NULL IDENTITY
billing_order.ref text NOT NULL
billing_order.meeting_id bigint NOT NULL
billing_order.seller_id bigint NOT NULL
billing_order.bundle text NOT NULL
billing_order.number text NOT NULL
billing_order.person_id bigint NOT NULL
billing_order.name text NOT NULL
billing_order.organisation text NOT NULL
billing_order.department text NOT NULL
billing_order.postcode text NOT NULL
billing_order.street text NOT NULL
billing_order.address text NOT NULL
billing_order.lang text NOT NULL
billing_order.proviso text NOT NULL
billing_order.addressed integer NOT NULL
billing_order.folded text NOT NULL
billing_order.due_at bigint NOT NULL
billing_order.total bigint NOT NULL
billing_order.paid bigint NOT NULL
billing_order.refunded bigint NOT NULL
billing_order.refund_due bigint NOT NULL
billing_order.later text NOT NULL
billing_order.later_on text NOT NULL
billing_order.documented integer NOT NULL
billing_order.pending integer NOT NULL
billing_order.noted text NOT NULL
billing_order.version integer NOT NULL
billing_order.made_at bigint NOT NULL
billing_order.changed_at bigint NOT NULL
billing_order.link_no integer NOT NULL DEFAULT 1
billing_paying.meeting_id bigint NOT NULL
billing_paying.card_seller text NOT NULL
billing_paying.remind_before integer NOT NULL
billing_paying.remind_after integer NOT NULL
billing_paying.remind_times integer NOT NULL
billing_paying.cancel_after integer NOT NULL
billing_paying.receivable text NOT NULL
billing_paying.advance text NOT NULL
billing_paying.refund text NOT NULL
billing_paying.bank text NOT NULL
billing_paying.card text NOT NULL
billing_paying.cash text NOT NULL
billing_paying.fee text NOT NULL
billing_paying.revenue text NOT NULL
billing_paying.changed_at bigint NOT NULL
billing_payment.id bigint NOT NULL IDENTITY
billing_payment.ref text NOT NULL
billing_payment.order_id bigint NOT NULL
billing_payment.method text NOT NULL
billing_payment.amount bigint NOT NULL
billing_payment.paid_at bigint NOT NULL
billing_payment.reference text NOT NULL
billing_payment.gate text NOT NULL
billing_payment.recorded_by text NOT NULL
billing_payment.recorded_at bigint NOT NULL
billing_payment.state text NOT NULL
billing_posting.id bigint NOT NULL IDENTITY
billing_posting.voucher text NOT NULL
billing_posting.meeting_id bigint NOT NULL
billing_posting.seller_id bigint NOT NULL
billing_posting.order_id bigint NOT NULL
billing_posting.account text NOT NULL
billing_posting.amount bigint NOT NULL
billing_posting.what text NOT NULL
billing_posting.reference text NOT NULL
billing_posting.why text NOT NULL
billing_posting.posted_at bigint NOT NULL
billing_posting.posted_by text NOT NULL
billing_reading.order_id bigint NOT NULL
billing_reading.kana text NOT NULL
billing_refund.id bigint NOT NULL IDENTITY
billing_refund.ref text NOT NULL
billing_refund.order_id bigint NOT NULL
billing_refund.amount bigint NOT NULL
billing_refund.why text NOT NULL
billing_refund.state text NOT NULL
billing_refund.method text NOT NULL
billing_refund.reference text NOT NULL
billing_refund.gate text NOT NULL
billing_refund.due_since bigint NOT NULL
billing_refund.made_on bigint NOT NULL
billing_refund.noted_by text NOT NULL
billing_reminder.order_id bigint NOT NULL
billing_reminder.due_on text NOT NULL
billing_reminder.step text NOT NULL
billing_reminder.at bigint NOT NULL
billing_seller.id bigint NOT NULL IDENTITY
billing_seller.ref text NOT NULL
billing_seller.meeting_id bigint NOT NULL
billing_seller.key text NOT NULL
billing_seller.position integer NOT NULL
billing_seller.name_ja text NOT NULL
billing_seller.name_en text NOT NULL
billing_seller.postcode text NOT NULL
billing_seller.address_ja text NOT NULL
billing_seller.address_en text NOT NULL
billing_seller.number text NOT NULL
billing_seller.contact text NOT NULL
billing_seller.phone text NOT NULL
billing_seller.bank text NOT NULL
billing_seller.branch text NOT NULL
billing_seller.account_kind text NOT NULL
billing_seller.account text NOT NULL
billing_seller.holder text NOT NULL
billing_seller.bank_note text NOT NULL
billing_seller.exclusive integer NOT NULL
billing_seller.rounding text NOT NULL
billing_seller.year_month integer NOT NULL
billing_seller.prefix text NOT NULL
billing_seller.follow text NOT NULL
billing_seller.later text NOT NULL
billing_seller.later_days integer NOT NULL
billing_seller.changed_at bigint NOT NULL
billing_share.order_id bigint NOT NULL
billing_share.subject text NOT NULL
billing_share.owed bigint NOT NULL
briefing_contact.id bigint NOT NULL IDENTITY
briefing_contact.ref text NOT NULL
briefing_contact.meeting_id bigint NOT NULL
briefing_contact.speaker text NOT NULL
briefing_contact.name text NOT NULL
briefing_contact.address text NOT NULL
briefing_contact.phone text NOT NULL
briefing_contact.lang text NOT NULL
briefing_contact.changed_at bigint NOT NULL
briefing_item.id bigint NOT NULL IDENTITY
briefing_item.ref text NOT NULL
briefing_item.meeting_id bigint NOT NULL
briefing_item.kind text NOT NULL
briefing_item.from_release integer NOT NULL
briefing_item.to_release integer NOT NULL
briefing_item.state text NOT NULL
briefing_item.decided integer NOT NULL
briefing_item.edited integer NOT NULL
briefing_item.subject_ja text NOT NULL
briefing_item.subject_en text NOT NULL
briefing_item.text_ja text NOT NULL
briefing_item.text_en text NOT NULL
briefing_item.duties text NOT NULL
briefing_item.roles text NOT NULL
briefing_item.teams text NOT NULL
briefing_item.sessions text NOT NULL
briefing_item.told integer NOT NULL
briefing_item.made_at bigint NOT NULL
briefing_item.made_by text NOT NULL
briefing_item.sent_at bigint NOT NULL
briefing_item.sent_by text NOT NULL
briefing_item.leaves_at bigint NOT NULL
briefing_item.left_at bigint NOT NULL
briefing_key.id bigint NOT NULL IDENTITY
briefing_key.secret text NOT NULL
briefing_key.made_at bigint NOT NULL
briefing_post.id bigint NOT NULL IDENTITY
briefing_post.ref text NOT NULL
briefing_post.meeting_id bigint NOT NULL
briefing_post.duty text NOT NULL
briefing_post.room text NOT NULL
briefing_post.day text NOT NULL
briefing_post.session text NOT NULL
briefing_post.person_id bigint NOT NULL
briefing_post.team text NOT NULL
briefing_post.role text NOT NULL
briefing_recipient.id bigint NOT NULL IDENTITY
briefing_recipient.ref text NOT NULL
briefing_recipient.item_id bigint NOT NULL
briefing_recipient.person_id bigint NOT NULL
briefing_recipient.contact_id bigint NOT NULL
briefing_recipient.name_ja text NOT NULL
briefing_recipient.name_en text NOT NULL
briefing_recipient.address text NOT NULL
briefing_recipient.phone text NOT NULL
briefing_recipient.lang text NOT NULL
briefing_recipient.duties text NOT NULL
briefing_recipient.sessions text NOT NULL
briefing_recipient.asks integer NOT NULL
briefing_recipient.state text NOT NULL
briefing_recipient.acknowledged_at bigint NOT NULL
briefing_recipient.how text NOT NULL
briefing_recipient.noted_by text NOT NULL
briefing_recipient.call integer NOT NULL
briefing_recipient.call_note text NOT NULL
briefing_recipient.superseded_by bigint NOT NULL
briefing_recipient.reminders integer NOT NULL
briefing_recipient.reminded_at bigint NOT NULL
db_migration.id integer NOT NULL IDENTITY
db_migration.version_id bigint NOT NULL
db_migration.is_applied boolean NOT NULL
db_migration.tstamp timestamp without time zone NOT NULL DEFAULT now()
db_stamp.scope text NOT NULL
db_stamp.version bigint NOT NULL
event_day.id bigint NOT NULL IDENTITY
event_day.meeting_id bigint NOT NULL
event_day.position bigint NOT NULL
event_day.part text NOT NULL
event_day.day text NOT NULL
event_figure.id bigint NOT NULL IDENTITY
event_figure.meeting_id bigint NOT NULL
event_figure.position bigint NOT NULL
event_figure.key text NOT NULL
event_figure.label_ja text NOT NULL
event_figure.label_en text NOT NULL
event_figure.value double precision NOT NULL
event_figure.unit_ja text NOT NULL
event_figure.unit_en text NOT NULL
event_figure.approx boolean NOT NULL
event_figure.scope_ja text NOT NULL
event_figure.scope_en text NOT NULL
event_figure.wording text NOT NULL
event_figure.source_ja text NOT NULL
event_figure.source_en text NOT NULL
event_figure.n bigint NOT NULL
event_figure.of_key text NOT NULL
event_grant.id bigint NOT NULL IDENTITY
event_grant.ref text NOT NULL
event_grant.meeting_id bigint
event_grant.person_id bigint NOT NULL
event_grant.role text NOT NULL
event_grant.team_id bigint
event_grant.object text NOT NULL
event_grant.ends_on text NOT NULL
event_grant.granted_at bigint NOT NULL
event_grant.granted_by text NOT NULL
event_grant.invitation_id bigint
event_grant.ended_at bigint NOT NULL
event_grant.ended_by text NOT NULL
event_group.id bigint NOT NULL IDENTITY
event_group.name_ja text NOT NULL
event_group.name_en text NOT NULL
event_group.about_ja text NOT NULL
event_group.about_en text NOT NULL
event_group.languages text NOT NULL
event_group.timezone text NOT NULL
event_group.accent text NOT NULL
event_group.logo text NOT NULL
event_group.url text NOT NULL
event_invitation.id bigint NOT NULL IDENTITY
event_invitation.ref text NOT NULL
event_invitation.token text NOT NULL
event_invitation.meeting_id bigint
event_invitation.role text NOT NULL
event_invitation.team_id bigint
event_invitation.object text NOT NULL
event_invitation.ends_on text NOT NULL
event_invitation.note text NOT NULL
event_invitation.address text NOT NULL
event_invitation.uses bigint NOT NULL
event_invitation.used bigint NOT NULL
event_invitation.expires_at bigint NOT NULL
event_invitation.created_at bigint NOT NULL
event_invitation.created_by text NOT NULL
event_invitation.maker_id bigint NOT NULL
event_invitation.revoked_at bigint NOT NULL
event_link.id bigint NOT NULL IDENTITY
event_link.meeting_id bigint NOT NULL
event_link.position bigint NOT NULL
event_link.title_ja text NOT NULL
event_link.title_en text NOT NULL
event_link.url text NOT NULL
event_meeting.id bigint NOT NULL IDENTITY
event_meeting.slug text NOT NULL
event_meeting.series text
event_meeting.title_ja text NOT NULL
event_meeting.title_en text NOT NULL
event_meeting.short text NOT NULL
event_meeting.theme_ja text NOT NULL
event_meeting.theme_en text NOT NULL
event_meeting.summary_ja text NOT NULL
event_meeting.summary_en text NOT NULL
event_meeting.languages text NOT NULL
event_meeting.timezone text NOT NULL
event_meeting.first_day text NOT NULL
event_meeting.last_day text NOT NULL
event_meeting.month text NOT NULL
event_meeting.day_boundary text NOT NULL
event_meeting.place_ja text NOT NULL
event_meeting.place_en text NOT NULL
event_meeting.hashtag text NOT NULL
event_meeting.phase text NOT NULL
event_meeting.accent text NOT NULL
event_meeting.logo text NOT NULL
event_meeting.key_visual text NOT NULL
event_meeting.url text NOT NULL
event_meeting.derived_from text NOT NULL
event_organisation.id bigint NOT NULL IDENTITY
event_organisation.meeting_id bigint NOT NULL
event_organisation.position bigint NOT NULL
event_organisation.role text NOT NULL
event_organisation.class_ja text NOT NULL
event_organisation.class_en text NOT NULL
event_organisation.name_ja text NOT NULL
event_organisation.name_en text NOT NULL
event_organisation.url text NOT NULL
event_organisation.logo text NOT NULL
event_page.id bigint NOT NULL IDENTITY
event_page.meeting_id bigint NOT NULL
event_page.position bigint NOT NULL
event_page.slug text NOT NULL
event_page.title_ja text NOT NULL
event_page.title_en text NOT NULL
event_page.body_ja text NOT NULL
event_page.body_en text NOT NULL
event_page.hidden boolean NOT NULL
event_part.id bigint NOT NULL IDENTITY
event_part.meeting_id bigint NOT NULL
event_part.position bigint NOT NULL
event_part.key text NOT NULL
event_part.title_ja text NOT NULL
event_part.title_en text NOT NULL
event_part.place_ja text NOT NULL
event_part.place_en text NOT NULL
event_part.online boolean NOT NULL
event_part.onsite boolean NOT NULL
event_pub_meeting.id bigint
event_pub_meeting.slug text
event_pub_meeting.series text
event_pub_meeting.title_ja text
event_pub_meeting.title_en text
event_pub_meeting.short text
event_pub_meeting.languages text
event_pub_meeting.timezone text
event_pub_meeting.first_day text
event_pub_meeting.last_day text
event_pub_meeting.month text
event_pub_meeting.day_boundary text
event_pub_meeting.phase text
event_pub_room.id bigint
event_pub_room.meeting_id bigint
event_pub_room.position bigint
event_pub_room.key text
event_pub_room.name_ja text
event_pub_room.name_en text
event_pub_room.venue text
event_pub_room.location_ja text
event_pub_room.location_en text
event_pub_room.capacity bigint
event_pub_room.online boolean
event_room.id bigint NOT NULL IDENTITY
event_room.meeting_id bigint NOT NULL
event_room.position bigint NOT NULL
event_room.key text NOT NULL
event_room.name_ja text NOT NULL
event_room.name_en text NOT NULL
event_room.venue text
event_room.location_ja text NOT NULL
event_room.location_en text NOT NULL
event_room.capacity bigint NOT NULL
event_room.online boolean NOT NULL
event_series.id bigint NOT NULL IDENTITY
event_series.key text NOT NULL
event_series.position bigint NOT NULL
event_series.title_ja text NOT NULL
event_series.title_en text NOT NULL
event_series.about_ja text NOT NULL
event_series.about_en text NOT NULL
event_task.id bigint NOT NULL IDENTITY
event_task.ref text NOT NULL
event_task.meeting_id bigint NOT NULL
event_task.title text NOT NULL
event_task.role text NOT NULL
event_task.anchor text NOT NULL
event_task.days bigint NOT NULL
event_task.notes text NOT NULL
event_task.origin text NOT NULL
event_task.made_at bigint NOT NULL
event_task.done_at bigint NOT NULL
event_task.done_by text NOT NULL
event_team.id bigint NOT NULL IDENTITY
event_team.ref text NOT NULL
event_team.meeting_id bigint NOT NULL
event_team.name_ja text NOT NULL
event_team.name_en text NOT NULL
event_team.gone boolean NOT NULL
event_team_role.id bigint NOT NULL IDENTITY
event_team_role.team_id bigint NOT NULL
event_team_role.role text NOT NULL
event_venue.id bigint NOT NULL IDENTITY
event_venue.meeting_id bigint NOT NULL
event_venue.position bigint NOT NULL
event_venue.key text NOT NULL
event_venue.name_ja text NOT NULL
event_venue.name_en text NOT NULL
event_venue.address_ja text NOT NULL
event_venue.address_en text NOT NULL
event_venue.url text NOT NULL
job_job.id bigint NOT NULL IDENTITY
job_job.pool text NOT NULL
job_job.listener text NOT NULL
job_job.args text NOT NULL
job_job.state text NOT NULL
job_job.run_at bigint NOT NULL
job_job.attempts integer NOT NULL
job_job.claim bigint NOT NULL
job_job.lost integer NOT NULL
job_job.unique_key text NOT NULL
job_job.period bigint NOT NULL
job_job.error text NOT NULL
job_job.created_at bigint NOT NULL
limit_bucket.key text NOT NULL
limit_bucket.drained_at bigint NOT NULL
mail_letter.id bigint NOT NULL IDENTITY
mail_letter.ref text NOT NULL
mail_letter.key text NOT NULL
mail_letter.kind text NOT NULL
mail_letter.name text NOT NULL
mail_letter.address text NOT NULL
mail_letter.lang text NOT NULL
mail_letter.content text NOT NULL
mail_letter.secret integer NOT NULL
mail_letter.urgent integer NOT NULL
mail_letter.state text NOT NULL
mail_letter.attempts integer NOT NULL
mail_letter.error text NOT NULL
mail_letter.queued_at bigint NOT NULL
mail_letter.first_at bigint NOT NULL
mail_letter.tried_at bigint NOT NULL
mail_letter.sent_at bigint NOT NULL
mail_letter.until bigint NOT NULL
material_file.id bigint NOT NULL IDENTITY
material_file.public_id text NOT NULL
material_file.meeting_id bigint NOT NULL
material_file.session text NOT NULL
material_file.kind text NOT NULL
material_file.label_ja text NOT NULL
material_file.label_en text NOT NULL
material_file.opens text NOT NULL
material_file.made_at bigint NOT NULL
material_file.withdrawn_at bigint NOT NULL
material_upload.id bigint NOT NULL IDENTITY
material_upload.public_id text NOT NULL
material_upload.meeting_id bigint NOT NULL
material_upload.session text NOT NULL
material_upload.version_of text NOT NULL
material_upload.kind text NOT NULL
material_upload.label_ja text NOT NULL
material_upload.label_en text NOT NULL
material_upload.opens text NOT NULL
material_upload.note text NOT NULL
material_upload.name text NOT NULL
material_upload.size bigint NOT NULL
material_upload.made_by bigint NOT NULL
material_upload.expires_at bigint NOT NULL
material_upload.became text NOT NULL
material_version.id bigint NOT NULL IDENTITY
material_version.file_id bigint NOT NULL
material_version.number integer NOT NULL
material_version.name text NOT NULL
material_version.format text NOT NULL
material_version.size bigint NOT NULL
material_version.pages integer NOT NULL
material_version.digest text NOT NULL
material_version.note text NOT NULL
material_version.made_at bigint NOT NULL
material_version.made_by bigint NOT NULL
person_account.id bigint NOT NULL IDENTITY
person_account.ref text NOT NULL
person_account.name_ja text NOT NULL
person_account.name_en text NOT NULL
person_account.kana text NOT NULL
person_account.affiliation_ja text NOT NULL
person_account.affiliation_en text NOT NULL
person_account.title_ja text NOT NULL
person_account.title_en text NOT NULL
person_account.bio_ja text NOT NULL
person_account.bio_en text NOT NULL
person_account.links text NOT NULL
person_account.portrait text NOT NULL
person_account.lang text NOT NULL
person_account.photo text NOT NULL
person_account.recording text NOT NULL
person_account.made_at bigint NOT NULL
person_account.left_at bigint NOT NULL
person_account.merged_into bigint NOT NULL DEFAULT 0
person_account.speaks text NOT NULL DEFAULT ''::text
person_account.consented text NOT NULL DEFAULT ''::text
person_address.id bigint NOT NULL IDENTITY
person_address.account_id bigint NOT NULL
person_address.address text NOT NULL
person_address.folded text NOT NULL
person_address.verified_at bigint NOT NULL
person_address.main integer NOT NULL
person_challenge.id bigint NOT NULL IDENTITY
person_challenge.ref text NOT NULL
person_challenge.purpose text NOT NULL
person_challenge.account_id bigint NOT NULL
person_challenge.session_id bigint NOT NULL
person_challenge.data text NOT NULL
person_challenge.ends_at bigint NOT NULL
person_code.id bigint NOT NULL IDENTITY
person_code.ref text NOT NULL
person_code.purpose text NOT NULL
person_code.account_id bigint NOT NULL
person_code.address text NOT NULL
person_code.folded text NOT NULL
person_code.lang text NOT NULL
person_code.code text NOT NULL
person_code.link text NOT NULL
person_code.next text NOT NULL
person_code.made_at bigint NOT NULL
person_code.ends_at bigint NOT NULL
person_code.tries bigint NOT NULL
person_code.used_at bigint NOT NULL
person_consent.account_id bigint NOT NULL
person_consent.version text NOT NULL
person_consent.said_at bigint NOT NULL
person_first.id bigint NOT NULL IDENTITY
person_first.token text NOT NULL
person_first.made_at bigint NOT NULL
person_first.used_at bigint NOT NULL
person_identity.id bigint NOT NULL IDENTITY
person_identity.account_id bigint NOT NULL
person_identity.issuer text NOT NULL
person_identity.subject text NOT NULL
person_identity.label text NOT NULL
person_identity.made_at bigint NOT NULL
person_identity.used_at bigint NOT NULL
person_key.name text NOT NULL
person_key.secret text NOT NULL
person_key.made_at bigint NOT NULL
person_passkey.id bigint NOT NULL IDENTITY
person_passkey.account_id bigint NOT NULL
person_passkey.credential text NOT NULL
person_passkey.handle text NOT NULL
person_passkey.site text NOT NULL
person_passkey.name text NOT NULL
person_passkey.record text NOT NULL
person_passkey.made_at bigint NOT NULL
person_passkey.used_at bigint NOT NULL
person_policy.version text NOT NULL
person_policy.text_ja text NOT NULL
person_policy.text_en text NOT NULL
person_policy.since_at bigint NOT NULL
person_preference.account_id bigint NOT NULL
person_preference.kind text NOT NULL
person_preference.wanted integer NOT NULL
person_preference.said_at bigint NOT NULL
person_pub_account.id bigint
person_pub_account.ref text
person_pub_account.name_ja text
person_pub_account.name_en text
person_pub_account.kana text
person_pub_account.affiliation_ja text
person_pub_account.affiliation_en text
person_pub_account.portrait text
person_pub_account.lang text
person_pub_account.photo text
person_pub_account.recording text
person_pub_account.left_at bigint
person_session.id bigint NOT NULL IDENTITY
person_session.account_id bigint NOT NULL
person_session.token text NOT NULL
person_session.method text NOT NULL
person_session.agent text NOT NULL
person_session.origin text NOT NULL
person_session.begun_at bigint NOT NULL
person_session.seen_at bigint NOT NULL
person_session.stepped_up_at bigint NOT NULL
program_absence.id bigint NOT NULL IDENTITY
program_absence.meeting_id bigint NOT NULL
program_absence.speaker text NOT NULL
program_absence.from_at bigint NOT NULL
program_absence.to_at bigint NOT NULL
program_absence.note text NOT NULL
program_absence.made_by bigint NOT NULL DEFAULT 0
program_act.id bigint NOT NULL IDENTITY
program_act.meeting_id bigint NOT NULL
program_act.ref text NOT NULL
program_act.actor text NOT NULL
program_act.done_at bigint NOT NULL
program_act.kind text NOT NULL
program_act.release integer NOT NULL
program_act.undone integer NOT NULL
program_act.touched text NOT NULL
program_field.id bigint NOT NULL IDENTITY
program_field.meeting_id bigint NOT NULL
program_field.guid text NOT NULL
program_field.field text NOT NULL
program_field.changed_at bigint NOT NULL
program_field.actor text NOT NULL
program_kind.id bigint NOT NULL IDENTITY
program_kind.meeting_id bigint NOT NULL
program_kind.key text NOT NULL
program_kind.label_ja text NOT NULL
program_kind.label_en text NOT NULL
program_kind.counts integer NOT NULL
program_kind.pause integer NOT NULL
program_kind.tint integer NOT NULL
program_kind.position integer NOT NULL
program_policy.meeting_id bigint NOT NULL
program_policy.policy text NOT NULL
program_pub_kind.meeting_id bigint
program_pub_kind.key text
program_pub_kind.label_ja text
program_pub_kind.label_en text
program_pub_kind.counts integer
program_pub_session.id bigint
program_pub_session.meeting_id bigint
program_pub_session.guid text
program_pub_session.ref text
program_pub_session.code text
program_pub_session.kind text
program_pub_session.status text
program_pub_session.title_ja text
program_pub_session.title_en text
program_pub_session.date text
program_pub_session.starts_at bigint
program_pub_session.ends_at bigint
program_pub_session.room text
program_pub_session.slot text
program_release.id bigint NOT NULL IDENTITY
program_release.meeting_id bigint NOT NULL
program_release.number integer NOT NULL
program_release.name text NOT NULL
program_release.released_at bigint NOT NULL
program_release.source text NOT NULL
program_release.changes text NOT NULL
program_release.frozen bytea NOT NULL
program_release.common text NOT NULL DEFAULT '[]'::text
program_session.id bigint NOT NULL IDENTITY
program_session.meeting_id bigint NOT NULL
program_session.guid text NOT NULL
program_session.ref text NOT NULL
program_session.number bigint NOT NULL
program_session.code text NOT NULL
program_session.source text NOT NULL
program_session.kind text NOT NULL
program_session.status text NOT NULL
program_session.title_ja text NOT NULL
program_session.title_en text NOT NULL
program_session.subtitle_ja text NOT NULL
program_session.subtitle_en text NOT NULL
program_session.abstract_ja text NOT NULL
program_session.abstract_en text NOT NULL
program_session.topics text NOT NULL
program_session.language text NOT NULL
program_session.level text NOT NULL
program_session.date text NOT NULL
program_session.starts_at bigint NOT NULL
program_session.ends_at bigint NOT NULL
program_session.room text NOT NULL
program_session.all_rooms integer NOT NULL
program_session.slot text NOT NULL
program_session.origin text NOT NULL
program_session.speakers text NOT NULL
program_session.parts text NOT NULL
program_session.links text NOT NULL
program_session.policy text NOT NULL
program_session.position integer NOT NULL
program_speaker.id bigint NOT NULL IDENTITY
program_speaker.meeting_id bigint NOT NULL
program_speaker.key text NOT NULL
program_speaker.guid text NOT NULL
program_speaker.name_ja text NOT NULL
program_speaker.name_en text NOT NULL
program_speaker.reading text NOT NULL
program_speaker.affiliation_ja text NOT NULL
program_speaker.affiliation_en text NOT NULL
program_speaker.bio_ja text NOT NULL
program_speaker.bio_en text NOT NULL
program_speaker.photo text NOT NULL
program_speaker.links text NOT NULL
program_speaker.position integer NOT NULL
program_star.id bigint NOT NULL IDENTITY
program_star.meeting_id bigint NOT NULL
program_star.person_id bigint NOT NULL
program_star.guid text NOT NULL
program_star.starred integer NOT NULL
program_star.changed_at bigint NOT NULL
program_star_anonymous.id bigint NOT NULL
program_star_anonymous.meeting_id bigint NOT NULL
program_star_anonymous.guid text NOT NULL
program_suggestion.id bigint NOT NULL IDENTITY
program_suggestion.meeting_id bigint NOT NULL
program_suggestion.ref text NOT NULL
program_suggestion.session text NOT NULL
program_suggestion.changes text NOT NULL
program_suggestion.reason text NOT NULL
program_suggestion.state text NOT NULL
program_suggestion.made_at bigint NOT NULL
program_suggestion.made_by bigint NOT NULL
program_suggestion.answer text NOT NULL
program_suggestion.answered_at bigint NOT NULL
program_suggestion.answered_by text NOT NULL
program_topic.id bigint NOT NULL IDENTITY
program_topic.meeting_id bigint NOT NULL
program_topic.key text NOT NULL
program_topic.label_ja text NOT NULL
program_topic.label_en text NOT NULL
program_topic.position integer NOT NULL
program_translation.id bigint NOT NULL IDENTITY
program_translation.meeting_id bigint NOT NULL
program_translation.guid text NOT NULL
program_translation.field text NOT NULL
program_translation.source text NOT NULL
registration_answer.entry_id bigint NOT NULL
registration_answer.question text NOT NULL
registration_answer.value text NOT NULL
registration_bulk.id bigint NOT NULL IDENTITY
registration_bulk.ref text NOT NULL
registration_bulk.meeting_id bigint NOT NULL
registration_bulk.act text NOT NULL
registration_bulk.args text NOT NULL
registration_bulk.chosen text NOT NULL
registration_bulk.made_by text NOT NULL
registration_bulk.made_at bigint NOT NULL
registration_bulk.done_at bigint NOT NULL
registration_bulk_item.bulk_id bigint NOT NULL
registration_bulk_item.entry_id bigint NOT NULL
registration_bulk_item.state text NOT NULL
registration_bulk_item.why text NOT NULL
registration_choice.id bigint NOT NULL IDENTITY
registration_choice.ref text NOT NULL
registration_choice.meeting_id bigint NOT NULL
registration_choice.entry_id bigint NOT NULL
registration_choice.option text NOT NULL
registration_choice.slot text NOT NULL
registration_choice.state text NOT NULL
registration_choice.companions integer NOT NULL
registration_choice.place bigint NOT NULL
registration_choice.asked_at bigint NOT NULL
registration_choice.priced_at bigint NOT NULL
registration_choice.offered_until bigint NOT NULL
registration_choice.changed_at bigint NOT NULL
registration_choice.kept integer NOT NULL DEFAULT 0
registration_code.id bigint NOT NULL IDENTITY
registration_code.ref text NOT NULL
registration_code.meeting_id bigint NOT NULL
registration_code.word text NOT NULL
registration_code.sort text NOT NULL
registration_code.name text NOT NULL
registration_code.kind text NOT NULL
registration_code.ends_at bigint NOT NULL
registration_code.yen bigint NOT NULL
registration_code.percent integer NOT NULL
registration_code.on_kind integer NOT NULL
registration_code.options text NOT NULL
registration_code.address text NOT NULL
registration_code.lang text NOT NULL
registration_code.off integer NOT NULL
registration_code.made_at bigint NOT NULL
registration_code.changed_at bigint NOT NULL
registration_code.version integer NOT NULL
registration_code.link_no integer NOT NULL
registration_day.entry_id bigint NOT NULL
registration_day.day text NOT NULL
registration_day.mode text NOT NULL
registration_day_letter.entry_id bigint NOT NULL
registration_day_letter.day text NOT NULL
registration_day_letter.sent_at bigint NOT NULL
registration_draw.id bigint NOT NULL IDENTITY
registration_draw.meeting_id bigint NOT NULL
registration_draw.option text NOT NULL
registration_draw.secret text NOT NULL
registration_draw.commitment text NOT NULL
registration_draw.outside text NOT NULL
registration_draw.value text NOT NULL
registration_draw.asked integer NOT NULL
registration_draw.made_at bigint NOT NULL
registration_draw.frozen_at bigint NOT NULL
registration_draw.draw_at bigint NOT NULL
registration_draw.drawn_at bigint NOT NULL
registration_draw_list.draw_id bigint NOT NULL
registration_draw_list.slot text NOT NULL
registration_draw_list.capacity integer NOT NULL
registration_draw_list.hash text NOT NULL
registration_entry.id bigint NOT NULL IDENTITY
registration_entry.ref text NOT NULL
registration_entry.meeting_id bigint NOT NULL
registration_entry.person_id bigint NOT NULL
registration_entry.kind text NOT NULL
registration_entry.state text NOT NULL
registration_entry.name_ja text NOT NULL
registration_entry.name_en text NOT NULL
registration_entry.kana text NOT NULL
registration_entry.org_ja text NOT NULL
registration_entry.org_en text NOT NULL
registration_entry.department text NOT NULL
registration_entry.badge text NOT NULL
registration_entry.address text NOT NULL
registration_entry.folded text NOT NULL
registration_entry.lang text NOT NULL
registration_entry.find text NOT NULL
registration_entry.code text NOT NULL
registration_entry.group_ref text NOT NULL
registration_entry.made_at bigint NOT NULL
registration_entry.proved_at bigint NOT NULL
registration_entry.priced_at bigint NOT NULL
registration_entry.changed_at bigint NOT NULL
registration_entry.offered_until bigint NOT NULL
registration_entry.cancelled_at bigint NOT NULL
registration_entry.why text NOT NULL
registration_entry.version integer NOT NULL
registration_entry.link_no integer NOT NULL
registration_entry.waived integer NOT NULL DEFAULT 0
registration_entry.kept_kind text NOT NULL DEFAULT ''::text
registration_entry.kept_yen bigint NOT NULL DEFAULT 0
registration_group.id bigint NOT NULL IDENTITY
registration_group.ref text NOT NULL
registration_group.meeting_id bigint NOT NULL
registration_group.person_id bigint NOT NULL
registration_group.name_ja text NOT NULL
registration_group.name_en text NOT NULL
registration_group.org_ja text NOT NULL
registration_group.org_en text NOT NULL
registration_group.department text NOT NULL
registration_group.address text NOT NULL
registration_group.folded text NOT NULL
registration_group.lang text NOT NULL
registration_group.confirm_until bigint NOT NULL
registration_group.made_at bigint NOT NULL
registration_group.proved_at bigint NOT NULL
registration_group.version integer NOT NULL
registration_group.link_no integer NOT NULL
registration_handover.id bigint NOT NULL IDENTITY
registration_handover.ref text NOT NULL
registration_handover.meeting_id bigint NOT NULL
registration_handover.entry_id bigint NOT NULL
registration_handover.from_person bigint NOT NULL
registration_handover.from_name_ja text NOT NULL
registration_handover.from_name_en text NOT NULL
registration_handover.from_org_ja text NOT NULL
registration_handover.from_org_en text NOT NULL
registration_handover.from_department text NOT NULL
registration_handover.from_address text NOT NULL
registration_handover.from_folded text NOT NULL
registration_handover.from_lang text NOT NULL
registration_handover.to_name text NOT NULL
registration_handover.to_address text NOT NULL
registration_handover.to_folded text NOT NULL
registration_handover.state text NOT NULL
registration_handover.made_at bigint NOT NULL
registration_handover.until bigint NOT NULL
registration_handover.entry_ref text NOT NULL DEFAULT ''::text
registration_handover.carried text NOT NULL DEFAULT ''::text
registration_invite.entry_id bigint NOT NULL
registration_invite.twin_id bigint NOT NULL
registration_invite.sent_at bigint NOT NULL
registration_invite.reminded integer NOT NULL
registration_join.entry_id bigint NOT NULL
registration_join.stream_id bigint NOT NULL
registration_join.first_at bigint NOT NULL
registration_join.last_at bigint NOT NULL
registration_join.times integer NOT NULL
registration_key.id bigint NOT NULL IDENTITY
registration_key.secret text NOT NULL
registration_key.made_at bigint NOT NULL
registration_known.meeting_id bigint NOT NULL
registration_known.key text NOT NULL
registration_known.entry_id bigint NOT NULL
registration_merge.entry_id bigint NOT NULL
registration_merge.into_id bigint NOT NULL
registration_merge.merged_at bigint NOT NULL
registration_network.entry_id bigint NOT NULL
registration_network.stream_id bigint NOT NULL
registration_network.network text NOT NULL
registration_note.entry_id bigint NOT NULL
registration_note.body text NOT NULL
registration_note.changed_at bigint NOT NULL
registration_online.meeting_id bigint NOT NULL
registration_online.letters integer NOT NULL
registration_online.letter_at text NOT NULL
registration_online.words_ja text NOT NULL
registration_online.words_en text NOT NULL
registration_online.minimum integer NOT NULL
registration_online.changed_at bigint NOT NULL
registration_post.id bigint NOT NULL IDENTITY
registration_post.ref text NOT NULL
registration_post.meeting_id bigint NOT NULL
registration_post.version bigint NOT NULL
registration_post.state text NOT NULL
registration_post.chosen text NOT NULL
registration_post.subject_ja text NOT NULL
registration_post.subject_en text NOT NULL
registration_post.body_ja text NOT NULL
registration_post.body_en text NOT NULL
registration_post.necessary integer NOT NULL
registration_post.made_at bigint NOT NULL
registration_post.sent_at bigint NOT NULL
registration_post.left_at bigint NOT NULL
registration_post.recipients integer NOT NULL
registration_post_to.post_id bigint NOT NULL
registration_post_to.entry_id bigint NOT NULL
registration_post_to.state text NOT NULL
registration_pub_entry.meeting_id bigint
registration_pub_entry.person_id bigint
registration_pub_entry.address text
registration_pub_entry.folded text
registration_pub_entry.lang text
registration_pub_watch.meeting_id bigint
registration_pub_watch.entry text
registration_pub_watch.person_id bigint
registration_pub_watch.stream text
registration_pub_watch.day text
registration_pub_watch.session text
registration_pub_watch.minutes integer
registration_pub_watch.first_at bigint
registration_pub_watch.last_at bigint
registration_pub_watch.present integer
registration_quota.id bigint NOT NULL IDENTITY
registration_quota.meeting_id bigint NOT NULL
registration_quota.key text NOT NULL
registration_quota.capacity integer NOT NULL
registration_quota.taken integer NOT NULL
registration_ref.ref text NOT NULL
registration_ref.entry_id bigint NOT NULL
registration_ref.person_id bigint NOT NULL
registration_ref.link_no integer NOT NULL
registration_ref.until bigint NOT NULL
registration_refusal.folded text NOT NULL
registration_refusal.said_at bigint NOT NULL
registration_report.id bigint NOT NULL IDENTITY
registration_report.ref text NOT NULL
registration_report.stream_id bigint NOT NULL
registration_report.digest text NOT NULL
registration_report.name text NOT NULL
registration_report.skipped integer NOT NULL
registration_report.taken_at bigint NOT NULL
registration_request.key text NOT NULL
registration_request.entry text NOT NULL
registration_request.made_at bigint NOT NULL
registration_room.meeting_id bigint NOT NULL
registration_room.next_at bigint NOT NULL
registration_seen.id bigint NOT NULL IDENTITY
registration_seen.report_id bigint NOT NULL
registration_seen.day text NOT NULL
registration_seen.entry_id bigint NOT NULL
registration_seen.key text NOT NULL
registration_seen.name text NOT NULL
registration_seen.address text NOT NULL
registration_seen.joined_at bigint NOT NULL
registration_seen.left_at bigint NOT NULL
registration_seen.seconds integer NOT NULL
registration_setup.id bigint NOT NULL IDENTITY
registration_setup.meeting_id bigint NOT NULL
registration_setup.version bigint NOT NULL
registration_setup.document text NOT NULL
registration_setup.changed_at bigint NOT NULL
registration_stream.id bigint NOT NULL IDENTITY
registration_stream.ref text NOT NULL
registration_stream.meeting_id bigint NOT NULL
registration_stream.day text NOT NULL
registration_stream.room text NOT NULL
registration_stream.session text NOT NULL
registration_stream.name_ja text NOT NULL
registration_stream.name_en text NOT NULL
registration_stream.url text NOT NULL
registration_stream.passcode text NOT NULL
registration_stream.notes_ja text NOT NULL
registration_stream.notes_en text NOT NULL
registration_stream.from_at bigint NOT NULL
registration_stream.until_at bigint NOT NULL
registration_stream.onsite integer NOT NULL
registration_stream.paid integer NOT NULL
registration_stream.kinds text NOT NULL
registration_stream.options text NOT NULL
registration_stream.version integer NOT NULL
registration_stream.made_at bigint NOT NULL
registration_stream.changed_at bigint NOT NULL
registration_ticket.draw_id bigint NOT NULL
registration_ticket.slot text NOT NULL
registration_ticket.ticket text NOT NULL
registration_ticket.choice_id bigint NOT NULL
registration_ticket.weight integer NOT NULL
registration_ticket.size integer NOT NULL
registration_ticket.place integer NOT NULL
registration_ticket.number text NOT NULL
registration_ticket.won integer NOT NULL
registration_watch.entry_id bigint NOT NULL
registration_watch.stream_id bigint NOT NULL
registration_watch.day text NOT NULL
registration_watch.session text NOT NULL
registration_watch.seconds integer NOT NULL
registration_watch.first_at bigint NOT NULL
registration_watch.last_at bigint NOT NULL
search_doc.id bigint NOT NULL IDENTITY
search_doc.scope text NOT NULL
search_doc.kind text NOT NULL
search_doc.key text NOT NULL
search_doc.url text NOT NULL
search_doc.title_ja text NOT NULL
search_doc.title_en text NOT NULL
search_doc.context_ja text NOT NULL
search_doc.context_en text NOT NULL
search_doc.words text NOT NULL
search_doc.at bigint NOT NULL
search_doc.hash bytea NOT NULL
search_index.id bigint NOT NULL
search_index.doc bigint NOT NULL
search_index.tokens tsvector NOT NULL
search_passage.id bigint NOT NULL IDENTITY
search_passage.body text NOT NULL
search_passage.hash bytea NOT NULL
signage_notice.id bigint NOT NULL IDENTITY
signage_notice.meeting_id bigint NOT NULL
signage_notice.ref text NOT NULL
signage_notice.key text
signage_notice.title_ja text NOT NULL
signage_notice.title_en text NOT NULL
signage_notice.body_ja text NOT NULL
signage_notice.body_en text NOT NULL
signage_notice.picture_ja text NOT NULL
signage_notice.picture_en text NOT NULL
signage_notice.link text NOT NULL
signage_notice.standing text NOT NULL
signage_notice.published boolean NOT NULL
signage_notice.urgent boolean NOT NULL
signage_notice.seconds bigint NOT NULL
signage_notice.from_at bigint NOT NULL
signage_notice.until_at bigint NOT NULL
signage_notice.days text NOT NULL
signage_notice.hours text NOT NULL
signage_notice.targets text NOT NULL
signage_notice.position bigint NOT NULL
signage_notice.version bigint NOT NULL
signage_override.id bigint NOT NULL IDENTITY
signage_override.meeting_id bigint NOT NULL
signage_override.ref text NOT NULL
signage_override.severity text NOT NULL
signage_override.text_ja text NOT NULL
signage_override.text_en text NOT NULL
signage_override.since bigint NOT NULL
signage_override.ended_at bigint NOT NULL
signage_pairing.id bigint NOT NULL IDENTITY
signage_pairing.code text NOT NULL
signage_pairing.token text NOT NULL
signage_pairing.expires_at bigint NOT NULL
signage_screen.id bigint NOT NULL IDENTITY
signage_screen.meeting_id bigint NOT NULL
signage_screen.ref text NOT NULL
signage_screen.token text
signage_screen.name text NOT NULL
signage_screen.area text NOT NULL
signage_screen.mode text NOT NULL
signage_screen.room text NOT NULL
signage_screen.languages text NOT NULL
signage_screen.theme text NOT NULL
signage_screen.turn text NOT NULL
signage_screen.paired_at bigint NOT NULL
signage_screen.blank boolean NOT NULL
signage_screen.identify_until bigint NOT NULL
signage_screen.reload bigint NOT NULL
signage_screen.hold text NOT NULL
signage_screen.hold_until bigint NOT NULL
signage_screen.alive_at bigint NOT NULL
signage_screen.alive text NOT NULL
signage_setting.meeting_id bigint NOT NULL
signage_setting.sponsors boolean NOT NULL
signage_setting.survey_url text NOT NULL
signage_setting.survey_ja text NOT NULL
signage_setting.survey_en text NOT NULL

audit_entry audit_entry_pkey PRIMARY KEY (id)
audit_head audit_head_pkey PRIMARY KEY (id)
audit_value audit_value_entry_fkey FOREIGN KEY (entry) REFERENCES audit_entry(id)
audit_value audit_value_pkey PRIMARY KEY (entry)
billing_card_event billing_card_event_pkey PRIMARY KEY (id)
billing_checkout billing_checkout_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_checkout billing_checkout_pkey PRIMARY KEY (id)
billing_checkout billing_checkout_ref_key UNIQUE (ref)
billing_deposit billing_deposit_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
billing_deposit billing_deposit_pkey PRIMARY KEY (id)
billing_deposit billing_deposit_ref_key UNIQUE (ref)
billing_deposit billing_deposit_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES billing_seller(id)
billing_deposit billing_deposit_seller_id_print_key UNIQUE (seller_id, print)
billing_deposit_part billing_deposit_part_deposit_id_fkey FOREIGN KEY (deposit_id) REFERENCES billing_deposit(id)
billing_deposit_part billing_deposit_part_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_deposit_part billing_deposit_part_pkey PRIMARY KEY (deposit_id, payment)
billing_document billing_document_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_document billing_document_pkey PRIMARY KEY (id)
billing_document billing_document_ref_key UNIQUE (ref)
billing_document billing_document_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES billing_seller(id)
billing_document billing_document_seller_id_kind_year_seq_edition_key UNIQUE (seller_id, kind, year, seq, edition)
billing_key billing_key_pkey PRIMARY KEY (id)
billing_line billing_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_line billing_line_order_id_subject_key_key UNIQUE (order_id, subject, key)
billing_line billing_line_pkey PRIMARY KEY (id)
billing_number billing_number_pkey PRIMARY KEY (seller_id, kind, year)
billing_number billing_number_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES billing_seller(id)
billing_order billing_order_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
billing_order billing_order_meeting_id_seller_id_bundle_key UNIQUE (meeting_id, seller_id, bundle)
billing_order billing_order_pkey PRIMARY KEY (id)
billing_order billing_order_ref_key UNIQUE (ref)
billing_order billing_order_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES billing_seller(id)
billing_paying billing_paying_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
billing_paying billing_paying_pkey PRIMARY KEY (meeting_id)
billing_payment billing_payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_payment billing_payment_pkey PRIMARY KEY (id)
billing_payment billing_payment_ref_key UNIQUE (ref)
billing_posting billing_posting_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
billing_posting billing_posting_pkey PRIMARY KEY (id)
billing_posting billing_posting_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES billing_seller(id)
billing_reading billing_reading_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_reading billing_reading_pkey PRIMARY KEY (order_id)
billing_refund billing_refund_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_refund billing_refund_pkey PRIMARY KEY (id)
billing_refund billing_refund_ref_key UNIQUE (ref)
billing_reminder billing_reminder_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_reminder billing_reminder_pkey PRIMARY KEY (order_id, due_on, step)
billing_seller billing_seller_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
billing_seller billing_seller_meeting_id_key_key UNIQUE (meeting_id, key)
billing_seller billing_seller_pkey PRIMARY KEY (id)
billing_seller billing_seller_ref_key UNIQUE (ref)
billing_share billing_share_order_id_fkey FOREIGN KEY (order_id) REFERENCES billing_order(id)
billing_share billing_share_pkey PRIMARY KEY (order_id, subject)
briefing_contact briefing_contact_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
briefing_contact briefing_contact_meeting_id_speaker_key UNIQUE (meeting_id, speaker)
briefing_contact briefing_contact_pkey PRIMARY KEY (id)
briefing_contact briefing_contact_ref_key UNIQUE (ref)
briefing_item briefing_item_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
briefing_item briefing_item_pkey PRIMARY KEY (id)
briefing_item briefing_item_ref_key UNIQUE (ref)
briefing_key briefing_key_pkey PRIMARY KEY (id)
briefing_post briefing_post_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
briefing_post briefing_post_pkey PRIMARY KEY (id)
briefing_post briefing_post_ref_key UNIQUE (ref)
briefing_recipient briefing_recipient_item_id_fkey FOREIGN KEY (item_id) REFERENCES briefing_item(id)
briefing_recipient briefing_recipient_pkey PRIMARY KEY (id)
briefing_recipient briefing_recipient_ref_key UNIQUE (ref)
db_migration db_migration_pkey PRIMARY KEY (id)
db_stamp db_stamp_pkey PRIMARY KEY (scope)
event_day event_day_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_day event_day_meeting_id_part_day_key UNIQUE (meeting_id, part, day)
event_day event_day_meeting_id_part_fkey FOREIGN KEY (meeting_id, part) REFERENCES event_part(meeting_id, key)
event_day event_day_pkey PRIMARY KEY (id)
event_figure event_figure_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_figure event_figure_meeting_id_key_key UNIQUE (meeting_id, key)
event_figure event_figure_pkey PRIMARY KEY (id)
event_grant event_grant_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES event_invitation(id)
event_grant event_grant_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_grant event_grant_person_id_fkey FOREIGN KEY (person_id) REFERENCES person_account(id)
event_grant event_grant_pkey PRIMARY KEY (id)
event_grant event_grant_ref_key UNIQUE (ref)
event_grant event_grant_team_id_fkey FOREIGN KEY (team_id) REFERENCES event_team(id)
event_group event_group_pkey PRIMARY KEY (id)
event_invitation event_invitation_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_invitation event_invitation_pkey PRIMARY KEY (id)
event_invitation event_invitation_ref_key UNIQUE (ref)
event_invitation event_invitation_team_id_fkey FOREIGN KEY (team_id) REFERENCES event_team(id)
event_invitation event_invitation_token_key UNIQUE (token)
event_link event_link_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_link event_link_pkey PRIMARY KEY (id)
event_meeting event_meeting_pkey PRIMARY KEY (id)
event_meeting event_meeting_series_fkey FOREIGN KEY (series) REFERENCES event_series(key)
event_meeting event_meeting_slug_key UNIQUE (slug)
event_organisation event_organisation_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_organisation event_organisation_pkey PRIMARY KEY (id)
event_page event_page_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_page event_page_meeting_id_slug_key UNIQUE (meeting_id, slug)
event_page event_page_pkey PRIMARY KEY (id)
event_part event_part_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_part event_part_meeting_id_key_key UNIQUE (meeting_id, key)
event_part event_part_pkey PRIMARY KEY (id)
event_room event_room_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_room event_room_meeting_id_key_key UNIQUE (meeting_id, key)
event_room event_room_meeting_id_venue_fkey FOREIGN KEY (meeting_id, venue) REFERENCES event_venue(meeting_id, key)
event_room event_room_pkey PRIMARY KEY (id)
event_series event_series_key_key UNIQUE (key)
event_series event_series_pkey PRIMARY KEY (id)
event_task event_task_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_task event_task_pkey PRIMARY KEY (id)
event_task event_task_ref_key UNIQUE (ref)
event_team event_team_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_team event_team_pkey PRIMARY KEY (id)
event_team event_team_ref_key UNIQUE (ref)
event_team_role event_team_role_pkey PRIMARY KEY (id)
event_team_role event_team_role_team_id_fkey FOREIGN KEY (team_id) REFERENCES event_team(id) ON DELETE CASCADE
event_team_role event_team_role_team_id_role_key UNIQUE (team_id, role)
event_venue event_venue_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
event_venue event_venue_meeting_id_key_key UNIQUE (meeting_id, key)
event_venue event_venue_pkey PRIMARY KEY (id)
job_job job_job_pkey PRIMARY KEY (id)
limit_bucket limit_bucket_pkey PRIMARY KEY (key)
mail_letter mail_letter_pkey PRIMARY KEY (id)
mail_letter mail_letter_ref_key UNIQUE (ref)
material_file material_file_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
material_file material_file_pkey PRIMARY KEY (id)
material_file material_file_public_id_key UNIQUE (public_id)
material_upload material_upload_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
material_upload material_upload_pkey PRIMARY KEY (id)
material_upload material_upload_public_id_key UNIQUE (public_id)
material_version material_version_file_id_fkey FOREIGN KEY (file_id) REFERENCES material_file(id)
material_version material_version_file_id_number_key UNIQUE (file_id, number)
material_version material_version_pkey PRIMARY KEY (id)
person_account person_account_pkey PRIMARY KEY (id)
person_account person_account_ref_key UNIQUE (ref)
person_address person_address_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_address person_address_folded_key UNIQUE (folded)
person_address person_address_pkey PRIMARY KEY (id)
person_challenge person_challenge_pkey PRIMARY KEY (id)
person_challenge person_challenge_ref_key UNIQUE (ref)
person_code person_code_link_key UNIQUE (link)
person_code person_code_pkey PRIMARY KEY (id)
person_code person_code_ref_key UNIQUE (ref)
person_consent person_consent_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_consent person_consent_pkey PRIMARY KEY (account_id, version)
person_first person_first_pkey PRIMARY KEY (id)
person_first person_first_token_key UNIQUE (token)
person_identity person_identity_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_identity person_identity_issuer_subject_key UNIQUE (issuer, subject)
person_identity person_identity_pkey PRIMARY KEY (id)
person_key person_key_pkey PRIMARY KEY (name)
person_passkey person_passkey_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_passkey person_passkey_credential_key UNIQUE (credential)
person_passkey person_passkey_pkey PRIMARY KEY (id)
person_policy person_policy_pkey PRIMARY KEY (version)
person_preference person_preference_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_preference person_preference_pkey PRIMARY KEY (account_id, kind)
person_session person_session_account_id_fkey FOREIGN KEY (account_id) REFERENCES person_account(id) ON DELETE CASCADE
person_session person_session_pkey PRIMARY KEY (id)
person_session person_session_token_key UNIQUE (token)
program_absence program_absence_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_absence program_absence_pkey PRIMARY KEY (id)
program_act program_act_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_act program_act_pkey PRIMARY KEY (id)
program_act program_act_ref_key UNIQUE (ref)
program_field program_field_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_field program_field_meeting_id_guid_field_key UNIQUE (meeting_id, guid, field)
program_field program_field_pkey PRIMARY KEY (id)
program_kind program_kind_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_kind program_kind_meeting_id_key_key UNIQUE (meeting_id, key)
program_kind program_kind_pkey PRIMARY KEY (id)
program_policy program_policy_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_policy program_policy_pkey PRIMARY KEY (meeting_id)
program_release program_release_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_release program_release_meeting_id_number_key UNIQUE (meeting_id, number)
program_release program_release_pkey PRIMARY KEY (id)
program_session program_session_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_session program_session_meeting_id_guid_key UNIQUE (meeting_id, guid)
program_session program_session_meeting_id_number_key UNIQUE (meeting_id, number)
program_session program_session_meeting_id_ref_key UNIQUE (meeting_id, ref)
program_session program_session_pkey PRIMARY KEY (id)
program_speaker program_speaker_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_speaker program_speaker_meeting_id_key_key UNIQUE (meeting_id, key)
program_speaker program_speaker_pkey PRIMARY KEY (id)
program_star program_star_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_star program_star_person_id_meeting_id_guid_key UNIQUE (person_id, meeting_id, guid)
program_star program_star_pkey PRIMARY KEY (id)
program_star_anonymous program_star_anonymous_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_star_anonymous program_star_anonymous_pkey PRIMARY KEY (id)
program_suggestion program_suggestion_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_suggestion program_suggestion_pkey PRIMARY KEY (id)
program_suggestion program_suggestion_ref_key UNIQUE (ref)
program_topic program_topic_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_topic program_topic_meeting_id_key_key UNIQUE (meeting_id, key)
program_topic program_topic_pkey PRIMARY KEY (id)
program_translation program_translation_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
program_translation program_translation_meeting_id_guid_field_key UNIQUE (meeting_id, guid, field)
program_translation program_translation_pkey PRIMARY KEY (id)
registration_answer registration_answer_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_answer registration_answer_pkey PRIMARY KEY (entry_id, question, value)
registration_bulk registration_bulk_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_bulk registration_bulk_pkey PRIMARY KEY (id)
registration_bulk registration_bulk_ref_key UNIQUE (ref)
registration_bulk_item registration_bulk_item_bulk_id_fkey FOREIGN KEY (bulk_id) REFERENCES registration_bulk(id)
registration_bulk_item registration_bulk_item_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_bulk_item registration_bulk_item_pkey PRIMARY KEY (bulk_id, entry_id)
registration_choice registration_choice_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_choice registration_choice_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_choice registration_choice_pkey PRIMARY KEY (id)
registration_choice registration_choice_ref_key UNIQUE (ref)
registration_code registration_code_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_code registration_code_meeting_id_word_key UNIQUE (meeting_id, word)
registration_code registration_code_pkey PRIMARY KEY (id)
registration_code registration_code_ref_key UNIQUE (ref)
registration_day registration_day_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_day registration_day_pkey PRIMARY KEY (entry_id, day)
registration_day_letter registration_day_letter_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_day_letter registration_day_letter_pkey PRIMARY KEY (entry_id, day)
registration_draw registration_draw_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_draw registration_draw_meeting_id_option_key UNIQUE (meeting_id, option)
registration_draw registration_draw_pkey PRIMARY KEY (id)
registration_draw_list registration_draw_list_draw_id_fkey FOREIGN KEY (draw_id) REFERENCES registration_draw(id)
registration_draw_list registration_draw_list_pkey PRIMARY KEY (draw_id, slot)
registration_entry registration_entry_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_entry registration_entry_pkey PRIMARY KEY (id)
registration_entry registration_entry_ref_key UNIQUE (ref)
registration_group registration_group_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_group registration_group_pkey PRIMARY KEY (id)
registration_group registration_group_ref_key UNIQUE (ref)
registration_handover registration_handover_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_handover registration_handover_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_handover registration_handover_pkey PRIMARY KEY (id)
registration_handover registration_handover_ref_key UNIQUE (ref)
registration_invite registration_invite_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_invite registration_invite_pkey PRIMARY KEY (entry_id)
registration_join registration_join_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_join registration_join_pkey PRIMARY KEY (entry_id, stream_id)
registration_join registration_join_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES registration_stream(id)
registration_key registration_key_pkey PRIMARY KEY (id)
registration_known registration_known_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_known registration_known_pkey PRIMARY KEY (meeting_id, key)
registration_merge registration_merge_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_merge registration_merge_into_id_fkey FOREIGN KEY (into_id) REFERENCES registration_entry(id)
registration_merge registration_merge_pkey PRIMARY KEY (entry_id)
registration_network registration_network_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_network registration_network_pkey PRIMARY KEY (entry_id, stream_id, network)
registration_network registration_network_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES registration_stream(id)
registration_note registration_note_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_note registration_note_pkey PRIMARY KEY (entry_id)
registration_online registration_online_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_online registration_online_pkey PRIMARY KEY (meeting_id)
registration_post registration_post_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_post registration_post_pkey PRIMARY KEY (id)
registration_post registration_post_ref_key UNIQUE (ref)
registration_post_to registration_post_to_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_post_to registration_post_to_pkey PRIMARY KEY (post_id, entry_id)
registration_post_to registration_post_to_post_id_fkey FOREIGN KEY (post_id) REFERENCES registration_post(id)
registration_quota registration_quota_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_quota registration_quota_meeting_id_key_key UNIQUE (meeting_id, key)
registration_quota registration_quota_pkey PRIMARY KEY (id)
registration_ref registration_ref_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_ref registration_ref_pkey PRIMARY KEY (ref)
registration_refusal registration_refusal_pkey PRIMARY KEY (folded)
registration_report registration_report_pkey PRIMARY KEY (id)
registration_report registration_report_ref_key UNIQUE (ref)
registration_report registration_report_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES registration_stream(id)
registration_request registration_request_pkey PRIMARY KEY (key)
registration_room registration_room_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_room registration_room_pkey PRIMARY KEY (meeting_id)
registration_seen registration_seen_pkey PRIMARY KEY (id)
registration_seen registration_seen_report_id_fkey FOREIGN KEY (report_id) REFERENCES registration_report(id)
registration_setup registration_setup_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_setup registration_setup_meeting_id_key UNIQUE (meeting_id)
registration_setup registration_setup_pkey PRIMARY KEY (id)
registration_stream registration_stream_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id)
registration_stream registration_stream_pkey PRIMARY KEY (id)
registration_stream registration_stream_ref_key UNIQUE (ref)
registration_ticket registration_ticket_choice_id_fkey FOREIGN KEY (choice_id) REFERENCES registration_choice(id)
registration_ticket registration_ticket_draw_id_fkey FOREIGN KEY (draw_id) REFERENCES registration_draw(id)
registration_ticket registration_ticket_pkey PRIMARY KEY (draw_id, slot, ticket)
registration_watch registration_watch_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES registration_entry(id)
registration_watch registration_watch_pkey PRIMARY KEY (entry_id, stream_id, day, session)
registration_watch registration_watch_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES registration_stream(id)
search_doc search_doc_kind_key_key UNIQUE (kind, key)
search_doc search_doc_pkey PRIMARY KEY (id)
search_index search_index_pkey PRIMARY KEY (id)
search_passage search_passage_pkey PRIMARY KEY (id)
signage_notice signage_notice_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
signage_notice signage_notice_meeting_id_key_key UNIQUE (meeting_id, key)
signage_notice signage_notice_pkey PRIMARY KEY (id)
signage_notice signage_notice_ref_key UNIQUE (ref)
signage_override signage_override_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
signage_override signage_override_pkey PRIMARY KEY (id)
signage_override signage_override_ref_key UNIQUE (ref)
signage_pairing signage_pairing_code_key UNIQUE (code)
signage_pairing signage_pairing_pkey PRIMARY KEY (id)
signage_pairing signage_pairing_token_key UNIQUE (token)
signage_screen signage_screen_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
signage_screen signage_screen_pkey PRIMARY KEY (id)
signage_screen signage_screen_ref_key UNIQUE (ref)
signage_screen signage_screen_token_key UNIQUE (token)
signage_setting signage_setting_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES event_meeting(id) ON DELETE CASCADE
signage_setting signage_setting_pkey PRIMARY KEY (meeting_id)

CREATE INDEX audit_entry_about ON public.audit_entry USING btree (about) WHERE (about <> ''::text);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor, at, id);
CREATE INDEX audit_entry_at ON public.audit_entry USING btree (at, id);
CREATE INDEX audit_entry_object ON public.audit_entry USING btree (scope, object, at, id);
CREATE INDEX audit_entry_open ON public.audit_entry USING btree (id) WHERE (seal IS NULL);
CREATE UNIQUE INDEX audit_entry_pkey ON public.audit_entry USING btree (id);
CREATE INDEX audit_entry_scope ON public.audit_entry USING btree (scope, at, id);
CREATE UNIQUE INDEX audit_entry_seal ON public.audit_entry USING btree (seal);
CREATE UNIQUE INDEX audit_head_pkey ON public.audit_head USING btree (id);
CREATE UNIQUE INDEX audit_value_pkey ON public.audit_value USING btree (entry);
CREATE INDEX billing_card_event_intent ON public.billing_card_event USING btree (intent, state);
CREATE UNIQUE INDEX billing_card_event_pkey ON public.billing_card_event USING btree (id);
CREATE INDEX billing_checkout_intent ON public.billing_checkout USING btree (intent);
CREATE UNIQUE INDEX billing_checkout_open ON public.billing_checkout USING btree (order_id) WHERE (state = 'open'::text);
CREATE INDEX billing_checkout_order ON public.billing_checkout USING btree (order_id);
CREATE UNIQUE INDEX billing_checkout_pkey ON public.billing_checkout USING btree (id);
CREATE UNIQUE INDEX billing_checkout_ref_key ON public.billing_checkout USING btree (ref);
CREATE INDEX billing_checkout_session ON public.billing_checkout USING btree (session);
CREATE INDEX billing_deposit_part_order ON public.billing_deposit_part USING btree (order_id);
CREATE UNIQUE INDEX billing_deposit_part_pkey ON public.billing_deposit_part USING btree (deposit_id, payment);
CREATE UNIQUE INDEX billing_deposit_pkey ON public.billing_deposit USING btree (id);
CREATE UNIQUE INDEX billing_deposit_ref_key ON public.billing_deposit USING btree (ref);
CREATE UNIQUE INDEX billing_deposit_seller_id_print_key ON public.billing_deposit USING btree (seller_id, print);
CREATE INDEX billing_deposit_state ON public.billing_deposit USING btree (meeting_id, state, id);
CREATE INDEX billing_document_order ON public.billing_document USING btree (order_id);
CREATE UNIQUE INDEX billing_document_pkey ON public.billing_document USING btree (id);
CREATE UNIQUE INDEX billing_document_ref_key ON public.billing_document USING btree (ref);
CREATE UNIQUE INDEX billing_document_seller_id_kind_year_seq_edition_key ON public.billing_document USING btree (seller_id, kind, year, seq, edition);
CREATE UNIQUE INDEX billing_key_pkey ON public.billing_key USING btree (id);
CREATE UNIQUE INDEX billing_line_order_id_subject_key_key ON public.billing_line USING btree (order_id, subject, key);
CREATE UNIQUE INDEX billing_line_pkey ON public.billing_line USING btree (id);
CREATE UNIQUE INDEX billing_number_pkey ON public.billing_number USING btree (seller_id, kind, year);
CREATE INDEX billing_order_bundle ON public.billing_order USING btree (meeting_id, bundle);
CREATE UNIQUE INDEX billing_order_meeting_id_seller_id_bundle_key ON public.billing_order USING btree (meeting_id, seller_id, bundle);
CREATE UNIQUE INDEX billing_order_number ON public.billing_order USING btree (meeting_id, number);
CREATE INDEX billing_order_person ON public.billing_order USING btree (person_id);
CREATE UNIQUE INDEX billing_order_pkey ON public.billing_order USING btree (id);
CREATE UNIQUE INDEX billing_order_ref_key ON public.billing_order USING btree (ref);
CREATE UNIQUE INDEX billing_paying_pkey ON public.billing_paying USING btree (meeting_id);
CREATE INDEX billing_payment_order ON public.billing_payment USING btree (order_id);
CREATE UNIQUE INDEX billing_payment_pkey ON public.billing_payment USING btree (id);
CREATE UNIQUE INDEX billing_payment_ref_key ON public.billing_payment USING btree (ref);
CREATE UNIQUE INDEX billing_payment_reference ON public.billing_payment USING btree (method, reference) WHERE (reference <> ''::text);
CREATE INDEX billing_posting_meeting ON public.billing_posting USING btree (meeting_id, id);
CREATE INDEX billing_posting_order ON public.billing_posting USING btree (order_id, account);
CREATE UNIQUE INDEX billing_posting_pkey ON public.billing_posting USING btree (id);
CREATE INDEX billing_posting_seller ON public.billing_posting USING btree (seller_id, account);
CREATE UNIQUE INDEX billing_reading_pkey ON public.billing_reading USING btree (order_id);
CREATE UNIQUE INDEX billing_refund_due ON public.billing_refund USING btree (order_id) WHERE (state = 'due'::text);
CREATE INDEX billing_refund_order ON public.billing_refund USING btree (order_id);
CREATE UNIQUE INDEX billing_refund_pkey ON public.billing_refund USING btree (id);
CREATE UNIQUE INDEX billing_refund_ref_key ON public.billing_refund USING btree (ref);
CREATE UNIQUE INDEX billing_reminder_pkey ON public.billing_reminder USING btree (order_id, due_on, step);
CREATE UNIQUE INDEX billing_seller_meeting_id_key_key ON public.billing_seller USING btree (meeting_id, key);
CREATE UNIQUE INDEX billing_seller_pkey ON public.billing_seller USING btree (id);
CREATE UNIQUE INDEX billing_seller_ref_key ON public.billing_seller USING btree (ref);
CREATE UNIQUE INDEX billing_share_pkey ON public.billing_share USING btree (order_id, subject);
CREATE INDEX billing_share_subject ON public.billing_share USING btree (subject);
CREATE UNIQUE INDEX briefing_contact_meeting_id_speaker_key ON public.briefing_contact USING btree (meeting_id, speaker);
CREATE UNIQUE INDEX briefing_contact_pkey ON public.briefing_contact USING btree (id);
CREATE UNIQUE INDEX briefing_contact_ref_key ON public.briefing_contact USING btree (ref);
CREATE INDEX briefing_item_meeting ON public.briefing_item USING btree (meeting_id, id);
CREATE UNIQUE INDEX briefing_item_open ON public.briefing_item USING btree (meeting_id) WHERE ((kind = 'change'::text) AND (state = 'open'::text));
CREATE UNIQUE INDEX briefing_item_pkey ON public.briefing_item USING btree (id);
CREATE UNIQUE INDEX briefing_item_ref_key ON public.briefing_item USING btree (ref);
CREATE UNIQUE INDEX briefing_key_pkey ON public.briefing_key USING btree (id);
CREATE INDEX briefing_post_meeting ON public.briefing_post USING btree (meeting_id, id);
CREATE UNIQUE INDEX briefing_post_pkey ON public.briefing_post USING btree (id);
CREATE UNIQUE INDEX briefing_post_ref_key ON public.briefing_post USING btree (ref);
CREATE INDEX briefing_recipient_item ON public.briefing_recipient USING btree (item_id);
CREATE INDEX briefing_recipient_person ON public.briefing_recipient USING btree (person_id);
CREATE UNIQUE INDEX briefing_recipient_pkey ON public.briefing_recipient USING btree (id);
CREATE UNIQUE INDEX briefing_recipient_ref_key ON public.briefing_recipient USING btree (ref);
CREATE UNIQUE INDEX db_migration_pkey ON public.db_migration USING btree (id);
CREATE UNIQUE INDEX db_stamp_pkey ON public.db_stamp USING btree (scope);
CREATE UNIQUE INDEX event_day_meeting_id_part_day_key ON public.event_day USING btree (meeting_id, part, day);
CREATE UNIQUE INDEX event_day_pkey ON public.event_day USING btree (id);
CREATE UNIQUE INDEX event_figure_meeting_id_key_key ON public.event_figure USING btree (meeting_id, key);
CREATE UNIQUE INDEX event_figure_pkey ON public.event_figure USING btree (id);
CREATE INDEX event_grant_meeting ON public.event_grant USING btree (meeting_id);
CREATE UNIQUE INDEX event_grant_once ON public.event_grant USING btree (person_id, COALESCE(meeting_id, (0)::bigint), role, COALESCE(team_id, (0)::bigint), object) WHERE (ended_at = 0);
CREATE UNIQUE INDEX event_grant_pkey ON public.event_grant USING btree (id);
CREATE UNIQUE INDEX event_grant_ref_key ON public.event_grant USING btree (ref);
CREATE UNIQUE INDEX event_group_pkey ON public.event_group USING btree (id);
CREATE INDEX event_invitation_meeting ON public.event_invitation USING btree (meeting_id);
CREATE UNIQUE INDEX event_invitation_pkey ON public.event_invitation USING btree (id);
CREATE UNIQUE INDEX event_invitation_ref_key ON public.event_invitation USING btree (ref);
CREATE UNIQUE INDEX event_invitation_token_key ON public.event_invitation USING btree (token);
CREATE INDEX event_link_meeting ON public.event_link USING btree (meeting_id, "position");
CREATE UNIQUE INDEX event_link_pkey ON public.event_link USING btree (id);
CREATE UNIQUE INDEX event_meeting_pkey ON public.event_meeting USING btree (id);
CREATE INDEX event_meeting_series ON public.event_meeting USING btree (series);
CREATE UNIQUE INDEX event_meeting_slug_key ON public.event_meeting USING btree (slug);
CREATE INDEX event_organisation_meeting ON public.event_organisation USING btree (meeting_id, "position");
CREATE UNIQUE INDEX event_organisation_pkey ON public.event_organisation USING btree (id);
CREATE UNIQUE INDEX event_page_meeting_id_slug_key ON public.event_page USING btree (meeting_id, slug);
CREATE UNIQUE INDEX event_page_pkey ON public.event_page USING btree (id);
CREATE UNIQUE INDEX event_part_meeting_id_key_key ON public.event_part USING btree (meeting_id, key);
CREATE UNIQUE INDEX event_part_pkey ON public.event_part USING btree (id);
CREATE UNIQUE INDEX event_room_meeting_id_key_key ON public.event_room USING btree (meeting_id, key);
CREATE UNIQUE INDEX event_room_pkey ON public.event_room USING btree (id);
CREATE UNIQUE INDEX event_series_key_key ON public.event_series USING btree (key);
CREATE UNIQUE INDEX event_series_pkey ON public.event_series USING btree (id);
CREATE INDEX event_task_meeting ON public.event_task USING btree (meeting_id);
CREATE UNIQUE INDEX event_task_pkey ON public.event_task USING btree (id);
CREATE UNIQUE INDEX event_task_ref_key ON public.event_task USING btree (ref);
CREATE INDEX event_team_meeting ON public.event_team USING btree (meeting_id);
CREATE UNIQUE INDEX event_team_pkey ON public.event_team USING btree (id);
CREATE UNIQUE INDEX event_team_ref_key ON public.event_team USING btree (ref);
CREATE UNIQUE INDEX event_team_role_pkey ON public.event_team_role USING btree (id);
CREATE UNIQUE INDEX event_team_role_team_id_role_key ON public.event_team_role USING btree (team_id, role);
CREATE UNIQUE INDEX event_venue_meeting_id_key_key ON public.event_venue USING btree (meeting_id, key);
CREATE UNIQUE INDEX event_venue_pkey ON public.event_venue USING btree (id);
CREATE INDEX job_dead ON public.job_job USING btree (run_at, id) WHERE (state = 'dead'::text);
CREATE INDEX job_due ON public.job_job USING btree (pool, run_at, id) WHERE (state <> 'dead'::text);
CREATE UNIQUE INDEX job_job_pkey ON public.job_job USING btree (id);
CREATE UNIQUE INDEX job_period ON public.job_job USING btree (listener) WHERE (period > 0);
CREATE UNIQUE INDEX job_unique ON public.job_job USING btree (listener, unique_key) WHERE ((state = 'ready'::text) AND (unique_key <> ''::text));
CREATE INDEX limit_bucket_drained ON public.limit_bucket USING btree (drained_at);
CREATE UNIQUE INDEX limit_bucket_pkey ON public.limit_bucket USING btree (key);
CREATE INDEX mail_address ON public.mail_letter USING btree (address);
CREATE INDEX mail_content ON public.mail_letter USING btree (tried_at) WHERE ((content <> ''::text) AND (state <> 'queued'::text));
CREATE UNIQUE INDEX mail_key ON public.mail_letter USING btree (key) WHERE (key <> ''::text);
CREATE UNIQUE INDEX mail_letter_pkey ON public.mail_letter USING btree (id);
CREATE UNIQUE INDEX mail_letter_ref_key ON public.mail_letter USING btree (ref);
CREATE INDEX mail_state ON public.mail_letter USING btree (state, id);
CREATE UNIQUE INDEX material_file_pkey ON public.material_file USING btree (id);
CREATE UNIQUE INDEX material_file_public_id_key ON public.material_file USING btree (public_id);
CREATE INDEX material_file_session ON public.material_file USING btree (meeting_id, session);
CREATE INDEX material_upload_maker ON public.material_upload USING btree (made_by);
CREATE UNIQUE INDEX material_upload_pkey ON public.material_upload USING btree (id);
CREATE UNIQUE INDEX material_upload_public_id_key ON public.material_upload USING btree (public_id);
CREATE INDEX material_version_digest ON public.material_version USING btree (digest);
CREATE UNIQUE INDEX material_version_file_id_number_key ON public.material_version USING btree (file_id, number);
CREATE INDEX material_version_maker ON public.material_version USING btree (made_by);
CREATE UNIQUE INDEX material_version_pkey ON public.material_version USING btree (id);
CREATE INDEX person_account_merged ON public.person_account USING btree (merged_into) WHERE (merged_into > 0);
CREATE UNIQUE INDEX person_account_pkey ON public.person_account USING btree (id);
CREATE INDEX person_account_portrait ON public.person_account USING btree (portrait) WHERE (portrait <> ''::text);
CREATE UNIQUE INDEX person_account_ref_key ON public.person_account USING btree (ref);
CREATE INDEX person_address_account ON public.person_address USING btree (account_id);
CREATE UNIQUE INDEX person_address_folded_key ON public.person_address USING btree (folded);
CREATE UNIQUE INDEX person_address_main ON public.person_address USING btree (account_id) WHERE (main = 1);
CREATE UNIQUE INDEX person_address_pkey ON public.person_address USING btree (id);
CREATE INDEX person_challenge_ends ON public.person_challenge USING btree (ends_at);
CREATE UNIQUE INDEX person_challenge_pkey ON public.person_challenge USING btree (id);
CREATE UNIQUE INDEX person_challenge_ref_key ON public.person_challenge USING btree (ref);
CREATE INDEX person_code_ends ON public.person_code USING btree (ends_at);
CREATE UNIQUE INDEX person_code_link_key ON public.person_code USING btree (link);
CREATE UNIQUE INDEX person_code_pkey ON public.person_code USING btree (id);
CREATE UNIQUE INDEX person_code_ref_key ON public.person_code USING btree (ref);
CREATE UNIQUE INDEX person_consent_pkey ON public.person_consent USING btree (account_id, version);
CREATE UNIQUE INDEX person_first_pkey ON public.person_first USING btree (id);
CREATE UNIQUE INDEX person_first_token_key ON public.person_first USING btree (token);
CREATE INDEX person_identity_account ON public.person_identity USING btree (account_id);
CREATE UNIQUE INDEX person_identity_issuer_subject_key ON public.person_identity USING btree (issuer, subject);
CREATE UNIQUE INDEX person_identity_pkey ON public.person_identity USING btree (id);
CREATE UNIQUE INDEX person_key_pkey ON public.person_key USING btree (name);
CREATE INDEX person_passkey_account ON public.person_passkey USING btree (account_id);
CREATE UNIQUE INDEX person_passkey_credential_key ON public.person_passkey USING btree (credential);
CREATE UNIQUE INDEX person_passkey_pkey ON public.person_passkey USING btree (id);
CREATE UNIQUE INDEX person_policy_pkey ON public.person_policy USING btree (version);
CREATE UNIQUE INDEX person_preference_pkey ON public.person_preference USING btree (account_id, kind);
CREATE INDEX person_session_account ON public.person_session USING btree (account_id);
CREATE UNIQUE INDEX person_session_pkey ON public.person_session USING btree (id);
CREATE UNIQUE INDEX person_session_token_key ON public.person_session USING btree (token);
CREATE UNIQUE INDEX program_absence_pkey ON public.program_absence USING btree (id);
CREATE INDEX program_absence_speaker ON public.program_absence USING btree (meeting_id, speaker);
CREATE INDEX program_act_meeting ON public.program_act USING btree (meeting_id, id);
CREATE UNIQUE INDEX program_act_pkey ON public.program_act USING btree (id);
CREATE UNIQUE INDEX program_act_ref_key ON public.program_act USING btree (ref);
CREATE UNIQUE INDEX program_field_meeting_id_guid_field_key ON public.program_field USING btree (meeting_id, guid, field);
CREATE UNIQUE INDEX program_field_pkey ON public.program_field USING btree (id);
CREATE UNIQUE INDEX program_kind_meeting_id_key_key ON public.program_kind USING btree (meeting_id, key);
CREATE UNIQUE INDEX program_kind_pkey ON public.program_kind USING btree (id);
CREATE UNIQUE INDEX program_policy_pkey ON public.program_policy USING btree (meeting_id);
CREATE UNIQUE INDEX program_release_meeting_id_number_key ON public.program_release USING btree (meeting_id, number);
CREATE UNIQUE INDEX program_release_pkey ON public.program_release USING btree (id);
CREATE UNIQUE INDEX program_session_meeting_id_guid_key ON public.program_session USING btree (meeting_id, guid);
CREATE UNIQUE INDEX program_session_meeting_id_number_key ON public.program_session USING btree (meeting_id, number);
CREATE UNIQUE INDEX program_session_meeting_id_ref_key ON public.program_session USING btree (meeting_id, ref);
CREATE UNIQUE INDEX program_session_pkey ON public.program_session USING btree (id);
CREATE UNIQUE INDEX program_speaker_meeting_id_key_key ON public.program_speaker USING btree (meeting_id, key);
CREATE UNIQUE INDEX program_speaker_pkey ON public.program_speaker USING btree (id);
CREATE UNIQUE INDEX program_star_anonymous_pkey ON public.program_star_anonymous USING btree (id);
CREATE INDEX program_star_anonymous_session ON public.program_star_anonymous USING btree (meeting_id, guid);
CREATE UNIQUE INDEX program_star_person_id_meeting_id_guid_key ON public.program_star USING btree (person_id, meeting_id, guid);
CREATE UNIQUE INDEX program_star_pkey ON public.program_star USING btree (id);
CREATE INDEX program_star_session ON public.program_star USING btree (meeting_id, guid);
CREATE INDEX program_suggestion_maker ON public.program_suggestion USING btree (made_by);
CREATE INDEX program_suggestion_meeting ON public.program_suggestion USING btree (meeting_id, state);
CREATE UNIQUE INDEX program_suggestion_pkey ON public.program_suggestion USING btree (id);
CREATE UNIQUE INDEX program_suggestion_ref_key ON public.program_suggestion USING btree (ref);
CREATE UNIQUE INDEX program_topic_meeting_id_key_key ON public.program_topic USING btree (meeting_id, key);
CREATE UNIQUE INDEX program_topic_pkey ON public.program_topic USING btree (id);
CREATE UNIQUE INDEX program_translation_meeting_id_guid_field_key ON public.program_translation USING btree (meeting_id, guid, field);
CREATE UNIQUE INDEX program_translation_pkey ON public.program_translation USING btree (id);
CREATE UNIQUE INDEX registration_answer_pkey ON public.registration_answer USING btree (entry_id, question, value);
CREATE UNIQUE INDEX registration_bulk_item_pkey ON public.registration_bulk_item USING btree (bulk_id, entry_id);
CREATE INDEX registration_bulk_meeting ON public.registration_bulk USING btree (meeting_id, id);
CREATE UNIQUE INDEX registration_bulk_pkey ON public.registration_bulk USING btree (id);
CREATE UNIQUE INDEX registration_bulk_ref_key ON public.registration_bulk USING btree (ref);
CREATE INDEX registration_choice_entry ON public.registration_choice USING btree (entry_id);
CREATE INDEX registration_choice_offered ON public.registration_choice USING btree (offered_until) WHERE (state = 'offered'::text);
CREATE UNIQUE INDEX registration_choice_pkey ON public.registration_choice USING btree (id);
CREATE UNIQUE INDEX registration_choice_ref_key ON public.registration_choice USING btree (ref);
CREATE INDEX registration_choice_slot ON public.registration_choice USING btree (meeting_id, option, slot, state, place);
CREATE UNIQUE INDEX registration_code_meeting_id_word_key ON public.registration_code USING btree (meeting_id, word);
CREATE UNIQUE INDEX registration_code_pkey ON public.registration_code USING btree (id);
CREATE UNIQUE INDEX registration_code_ref_key ON public.registration_code USING btree (ref);
CREATE UNIQUE INDEX registration_day_letter_pkey ON public.registration_day_letter USING btree (entry_id, day);
CREATE UNIQUE INDEX registration_day_pkey ON public.registration_day USING btree (entry_id, day);
CREATE UNIQUE INDEX registration_draw_list_pkey ON public.registration_draw_list USING btree (draw_id, slot);
CREATE UNIQUE INDEX registration_draw_meeting_id_option_key ON public.registration_draw USING btree (meeting_id, option);
CREATE UNIQUE INDEX registration_draw_pkey ON public.registration_draw USING btree (id);
CREATE INDEX registration_entry_code ON public.registration_entry USING btree (code) WHERE (code <> ''::text);
CREATE INDEX registration_entry_group ON public.registration_entry USING btree (group_ref) WHERE (group_ref <> ''::text);
CREATE INDEX registration_entry_meeting ON public.registration_entry USING btree (meeting_id, id);
CREATE UNIQUE INDEX registration_entry_once ON public.registration_entry USING btree (meeting_id, folded) WHERE ((state <> 'cancelled'::text) AND (folded <> ''::text));
CREATE UNIQUE INDEX registration_entry_one ON public.registration_entry USING btree (meeting_id, person_id) WHERE ((state <> 'cancelled'::text) AND (person_id <> 0));
CREATE INDEX registration_entry_person ON public.registration_entry USING btree (person_id) WHERE (person_id <> 0);
CREATE UNIQUE INDEX registration_entry_pkey ON public.registration_entry USING btree (id);
CREATE UNIQUE INDEX registration_entry_ref_key ON public.registration_entry USING btree (ref);
CREATE INDEX registration_entry_waiting ON public.registration_entry USING btree (meeting_id, id) WHERE (state = 'waiting'::text);
CREATE INDEX registration_group_meeting ON public.registration_group USING btree (meeting_id, folded);
CREATE UNIQUE INDEX registration_group_pkey ON public.registration_group USING btree (id);
CREATE UNIQUE INDEX registration_group_ref_key ON public.registration_group USING btree (ref);
CREATE INDEX registration_handover_entry ON public.registration_handover USING btree (entry_id, id);
CREATE UNIQUE INDEX registration_handover_open ON public.registration_handover USING btree (entry_id) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX registration_handover_pkey ON public.registration_handover USING btree (id);
CREATE UNIQUE INDEX registration_handover_ref_key ON public.registration_handover USING btree (ref);
CREATE UNIQUE INDEX registration_invite_pkey ON public.registration_invite USING btree (entry_id);
CREATE UNIQUE INDEX registration_join_pkey ON public.registration_join USING btree (entry_id, stream_id);
CREATE INDEX registration_join_stream ON public.registration_join USING btree (stream_id);
CREATE UNIQUE INDEX registration_key_pkey ON public.registration_key USING btree (id);
CREATE UNIQUE INDEX registration_known_pkey ON public.registration_known USING btree (meeting_id, key);
CREATE INDEX registration_merge_into ON public.registration_merge USING btree (into_id);
CREATE UNIQUE INDEX registration_merge_pkey ON public.registration_merge USING btree (entry_id);
CREATE UNIQUE INDEX registration_network_pkey ON public.registration_network USING btree (entry_id, stream_id, network);
CREATE INDEX registration_network_stream ON public.registration_network USING btree (stream_id);
CREATE UNIQUE INDEX registration_note_pkey ON public.registration_note USING btree (entry_id);
CREATE UNIQUE INDEX registration_online_pkey ON public.registration_online USING btree (meeting_id);
CREATE INDEX registration_post_meeting ON public.registration_post USING btree (meeting_id, id);
CREATE UNIQUE INDEX registration_post_pkey ON public.registration_post USING btree (id);
CREATE UNIQUE INDEX registration_post_ref_key ON public.registration_post USING btree (ref);
CREATE INDEX registration_post_to_entry ON public.registration_post_to USING btree (entry_id);
CREATE UNIQUE INDEX registration_post_to_pkey ON public.registration_post_to USING btree (post_id, entry_id);
CREATE UNIQUE INDEX registration_quota_meeting_id_key_key ON public.registration_quota USING btree (meeting_id, key);
CREATE UNIQUE INDEX registration_quota_pkey ON public.registration_quota USING btree (id);
CREATE INDEX registration_ref_entry ON public.registration_ref USING btree (entry_id, until);
CREATE INDEX registration_ref_person ON public.registration_ref USING btree (person_id) WHERE (person_id <> 0);
CREATE UNIQUE INDEX registration_ref_pkey ON public.registration_ref USING btree (ref);
CREATE UNIQUE INDEX registration_refusal_pkey ON public.registration_refusal USING btree (folded);
CREATE UNIQUE INDEX registration_report_pkey ON public.registration_report USING btree (id);
CREATE UNIQUE INDEX registration_report_ref_key ON public.registration_report USING btree (ref);
CREATE INDEX registration_report_stream ON public.registration_report USING btree (stream_id);
CREATE UNIQUE INDEX registration_request_pkey ON public.registration_request USING btree (key);
CREATE UNIQUE INDEX registration_room_pkey ON public.registration_room USING btree (meeting_id);
CREATE INDEX registration_seen_entry ON public.registration_seen USING btree (entry_id);
CREATE UNIQUE INDEX registration_seen_pkey ON public.registration_seen USING btree (id);
CREATE INDEX registration_seen_report ON public.registration_seen USING btree (report_id);
CREATE UNIQUE INDEX registration_setup_meeting_id_key ON public.registration_setup USING btree (meeting_id);
CREATE UNIQUE INDEX registration_setup_pkey ON public.registration_setup USING btree (id);
CREATE INDEX registration_stream_meeting ON public.registration_stream USING btree (meeting_id, id);
CREATE UNIQUE INDEX registration_stream_pkey ON public.registration_stream USING btree (id);
CREATE UNIQUE INDEX registration_stream_ref_key ON public.registration_stream USING btree (ref);
CREATE UNIQUE INDEX registration_ticket_pkey ON public.registration_ticket USING btree (draw_id, slot, ticket);
CREATE UNIQUE INDEX registration_watch_pkey ON public.registration_watch USING btree (entry_id, stream_id, day, session);
CREATE INDEX registration_watch_stream ON public.registration_watch USING btree (stream_id);
CREATE UNIQUE INDEX search_doc_kind_key_key ON public.search_doc USING btree (kind, key);
CREATE UNIQUE INDEX search_doc_pkey ON public.search_doc USING btree (id);
CREATE INDEX search_doc_scope ON public.search_doc USING btree (scope);
CREATE INDEX search_index_doc ON public.search_index USING btree (doc);
CREATE UNIQUE INDEX search_index_pkey ON public.search_index USING btree (id);
CREATE INDEX search_index_tokens ON public.search_index USING gin (tokens);
CREATE UNIQUE INDEX search_passage_pkey ON public.search_passage USING btree (id);
CREATE UNIQUE INDEX signage_notice_meeting_id_key_key ON public.signage_notice USING btree (meeting_id, key);
CREATE UNIQUE INDEX signage_notice_pkey ON public.signage_notice USING btree (id);
CREATE UNIQUE INDEX signage_notice_ref_key ON public.signage_notice USING btree (ref);
CREATE INDEX signage_override_meeting ON public.signage_override USING btree (meeting_id, ended_at);
CREATE UNIQUE INDEX signage_override_pkey ON public.signage_override USING btree (id);
CREATE UNIQUE INDEX signage_override_ref_key ON public.signage_override USING btree (ref);
CREATE UNIQUE INDEX signage_pairing_code_key ON public.signage_pairing USING btree (code);
CREATE UNIQUE INDEX signage_pairing_pkey ON public.signage_pairing USING btree (id);
CREATE UNIQUE INDEX signage_pairing_token_key ON public.signage_pairing USING btree (token);
CREATE INDEX signage_screen_meeting ON public.signage_screen USING btree (meeting_id);
CREATE UNIQUE INDEX signage_screen_pkey ON public.signage_screen USING btree (id);
CREATE UNIQUE INDEX signage_screen_ref_key ON public.signage_screen USING btree (ref);
CREATE UNIQUE INDEX signage_screen_token_key ON public.signage_screen USING btree (token);
CREATE UNIQUE INDEX signage_setting_pkey ON public.signage_setting USING btree (meeting_id);

VIEW event_pub_meeting AS SELECT event_meeting.id,
    event_meeting.slug,
    event_meeting.series,
    event_meeting.title_ja,
    event_meeting.title_en,
    event_meeting.short,
    event_meeting.languages,
    event_meeting.timezone,
    event_meeting.first_day,
    event_meeting.last_day,
    event_meeting.month,
    event_meeting.day_boundary,
    event_meeting.phase
   FROM event_meeting;
VIEW event_pub_room AS SELECT event_room.id,
    event_room.meeting_id,
    event_room."position",
    event_room.key,
    event_room.name_ja,
    event_room.name_en,
    event_room.venue,
    event_room.location_ja,
    event_room.location_en,
    event_room.capacity,
    event_room.online
   FROM event_room;
VIEW person_pub_account AS SELECT person_account.id,
    person_account.ref,
    person_account.name_ja,
    person_account.name_en,
    person_account.kana,
    person_account.affiliation_ja,
    person_account.affiliation_en,
    person_account.portrait,
    person_account.lang,
    person_account.photo,
    person_account.recording,
    person_account.left_at
   FROM person_account;
VIEW program_pub_kind AS SELECT program_kind.meeting_id,
    program_kind.key,
    program_kind.label_ja,
    program_kind.label_en,
    program_kind.counts
   FROM program_kind;
VIEW program_pub_session AS SELECT program_session.id,
    program_session.meeting_id,
    program_session.guid,
    program_session.ref,
    program_session.code,
    program_session.kind,
    program_session.status,
    program_session.title_ja,
    program_session.title_en,
    program_session.date,
    program_session.starts_at,
    program_session.ends_at,
    program_session.room,
    program_session.slot
   FROM program_session;
VIEW registration_pub_entry AS SELECT registration_entry.meeting_id,
    registration_entry.person_id,
    registration_entry.address,
    registration_entry.folded,
    registration_entry.lang
   FROM registration_entry
  WHERE ((registration_entry.state = 'confirmed'::text) AND (registration_entry.folded <> ''::text) AND ((registration_entry.proved_at <> 0) OR (registration_entry.person_id <> 0)));
VIEW registration_pub_watch AS SELECT e.meeting_id,
    e.ref AS entry,
    e.person_id,
    s.ref AS stream,
    w.day,
    w.session,
    (w.seconds / 60) AS minutes,
    w.first_at,
    w.last_at,
        CASE
            WHEN (w.seconds >= (60 * COALESCE(o.minimum, 10))) THEN 1
            ELSE 0
        END AS present
   FROM (((registration_watch w
     JOIN registration_entry e ON ((e.id = w.entry_id)))
     JOIN registration_stream s ON ((s.id = w.stream_id)))
     LEFT JOIN registration_online o ON ((o.meeting_id = e.meeting_id)))
  WHERE (e.state <> 'cancelled'::text);

